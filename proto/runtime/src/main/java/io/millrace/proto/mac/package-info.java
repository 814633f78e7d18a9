/**
 * The MACs by which a node knows commands that nodes of its installation wrote. Here belongs how they are made, checked and where
 * their keys come from; what follows from a verdict is decided by the dispatcher.
 */
package io.millrace.proto.mac;
