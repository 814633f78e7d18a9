/**
 * Reads of histories and state, wherever the owner of the partition is: in this process, or at another node by gRPC. The state
 * itself is read in {@code dispatcher}.
 */
package io.millrace.proto.reads;
