/**
 * A worker in Java: workflows as functions that are replayed, and tasks. It behaves on the wire as the public SDKs do. It
 * knows the API and nothing of the server's insides.
 */
package io.millrace.infra.worker;
