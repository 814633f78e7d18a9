/**
 * Connections of gRPC before there is a call: which are let in, how many, and which are cut off. Calls are counted here
 * as well. What a call may do does not belong here.
 */
@NullMarked
package io.millrace.infra.door;

import org.jspecify.annotations.NullMarked;
