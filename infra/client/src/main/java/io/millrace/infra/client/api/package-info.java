/**
 * The HTTP API as its clients see it: requests, answers, server-sent events, and failures, each with its exit code.
 */
@NullMarked
package io.millrace.infra.client.api;

import org.jspecify.annotations.NullMarked;
