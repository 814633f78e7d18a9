/**
 * A worker in Java: workflows as functions that are replayed, and tasks. On the wire it behaves as the public SDKs do.
 * It knows the API, and nothing of the server's insides.
 */
@NullMarked
package io.millrace.infra.worker;

import org.jspecify.annotations.NullMarked;
