/**
 * How gRPC calls are received: strictly, and with refusals in words. All modules that serve gRPC use it. What a call
 * does is not known here.
 */
@NullMarked
package io.millrace.proto.call;

import org.jspecify.annotations.NullMarked;
