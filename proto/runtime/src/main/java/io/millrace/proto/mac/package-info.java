/**
 * The MACs by which a node knows commands that nodes of its own installation wrote: how they are made and checked, and
 * where their keys come from. What follows from a verdict is decided by the dispatcher.
 */
@NullMarked
package io.millrace.proto.mac;

import org.jspecify.annotations.NullMarked;
