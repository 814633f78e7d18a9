/**
 * The hashes that link outcomes and events: the engine makes them, and whoever reads the records computes them again. What is signed,
 * kept or asked for on top of them does not belong here.
 */
package io.millrace.proto.proof;
