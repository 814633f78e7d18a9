package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.TlogException;
import java.util.HashMap;
import java.util.Map;

/** Reads the hashes of inclusion proofs, of which those of neighbouring leaves repeat most. One thread, and some lines. */
final class HashTexts {

    private final Map<String, Hash> known = new HashMap<>();

    /** @throws TlogException if the text is no hash */
    Hash parse(String text) {
        return known.computeIfAbsent(text, Hash::parse);
    }
}
