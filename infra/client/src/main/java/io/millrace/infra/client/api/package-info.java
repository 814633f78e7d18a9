/**
 * The HTTP API as its clients see it: requests, answers, server-sent events, and failures with the exit code that each of
 * them has.
 */
package io.millrace.infra.client.api;
