/**
 * TLS of this node's ports and of its reads from other nodes: the files with certificates and keys, what is wrong with
 * them, and how they are read again when they change. Who a client is by its certificate is decided at the front door.
 */
@NullMarked
package io.millrace.infra.tls;

import org.jspecify.annotations.NullMarked;
