/**
 * Connections of gRPC before there is a call: who is let in, how many, and who is cut off. Calls are counted here as well;
 * what a call may do is not.
 */
package io.millrace.infra.door;
