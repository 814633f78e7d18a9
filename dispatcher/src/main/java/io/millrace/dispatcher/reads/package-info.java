/**
 * Reads of the state, for this node and, by gRPC, for others. They change nothing and never hold the stream thread up. Who
 * owns the partition is found out in {@code io.millrace.proto.reads}.
 */
@NullMarked
package io.millrace.dispatcher.reads;

import org.jspecify.annotations.NullMarked;
