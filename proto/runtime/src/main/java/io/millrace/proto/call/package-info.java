/**
 * How gRPC calls are taken in, the same for all modules that serve some: strictly, and refused in words. What a call does is
 * not known here.
 */
package io.millrace.proto.call;
