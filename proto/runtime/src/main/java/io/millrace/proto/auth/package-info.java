/**
 * Who makes a call. The front door finds it out, and all other parts rely on that. How it is found out belongs into
 * {@code ingest}.
 */
@NullMarked
package io.millrace.proto.auth;

import org.jspecify.annotations.NullMarked;
