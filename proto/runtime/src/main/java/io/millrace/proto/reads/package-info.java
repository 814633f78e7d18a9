/**
 * Reads of histories and state, wherever the owner of the partition is: in this process, or at another node by gRPC.
 * How the state itself is read belongs into {@code dispatcher}.
 */
@NullMarked
package io.millrace.proto.reads;

import org.jspecify.annotations.NullMarked;
