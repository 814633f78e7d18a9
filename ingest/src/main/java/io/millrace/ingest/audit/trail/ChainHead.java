package io.millrace.ingest.audit.trail;

import com.google.protobuf.ByteString;

/**
 * The last event of a chain.
 *
 * @param sequence its number in the chain, from 1; 0: there is none
 * @param hash its hash, 32 bytes
 */
public record ChainHead(long sequence, ByteString hash) {

    static final ChainHead NONE = new ChainHead(0, Anchor.NO_HASH);
}
