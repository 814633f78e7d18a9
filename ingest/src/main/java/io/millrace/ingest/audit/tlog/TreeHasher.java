package io.millrace.ingest.audit.tlog;

import io.millrace.proto.proof.Sha256;
import java.security.MessageDigest;

/** Hashes of the Merkle tree of RFC 6962, section 2.1. It keeps a digest, so it is for one thread. */
public final class TreeHasher {

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest digest = Sha256.digest();
    /** A node as it is hashed: in one piece, since a digest is slow with small ones. */
    private final byte[] node = new byte[1 + 2 * Hash.BYTES];

    /** @return the hash of a leaf with this entry */
    public Hash leaf(byte[] entry) {
        return leaf(entry, 0, entry.length);
    }

    /** @return the hash of a leaf whose entry stands there in the bytes */
    public Hash leaf(byte[] bytes, int offset, int length) {
        digest.update(LEAF);
        digest.update(bytes, offset, length);
        return Hash.wrap(digest.digest());
    }

    /** @return the hash of a node above these two */
    public Hash node(Hash left, Hash right) {
        node[0] = NODE;
        left.copyTo(node, 1);
        right.copyTo(node, 1 + Hash.BYTES);
        return Hash.wrap(digest.digest(node));
    }

    /** @return the root of a tree without leaves */
    public Hash empty() {
        return Hash.wrap(digest.digest());
    }
}
