/**
 * The hashes that link outcomes and events. The engine makes them, and readers of the records compute them again. What
 * is built on top of the hashes (signatures, storage, requests) does not belong here.
 */
@NullMarked
package io.millrace.proto.proof;

import org.jspecify.annotations.NullMarked;
