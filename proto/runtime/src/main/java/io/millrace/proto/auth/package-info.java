/**
 * Who makes a call, as the front door found out and all others go by. How it is found out is in {@code ingest}.
 */
package io.millrace.proto.auth;
