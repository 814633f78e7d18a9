package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import java.net.URI;

/**
 * A witness to be asked.
 *
 * @param key that it signs with
 * @param prefix of its address; {@code /add-checkpoint} comes behind
 */
public record WitnessAddress(VerifierKey key, URI prefix) {

    /**
     * Reads {@code <verifier key>@<address>}.
     *
     * @throws TlogException if it has another form
     */
    public static WitnessAddress parse(String text) {
        int at = text.lastIndexOf("@http");
        if (at < 0) {
            throw new TlogException("expected a witness as <verifier key>@http…, but got '" + text + "'");
        }
        VerifierKey key = VerifierKey.parse(text.substring(0, at));
        if (!key.type().timed()) {
            throw new TlogException(
                    "expected a witness's key of type 04 or 06, but got one of type 01, which is a log's");
        }
        return new WitnessAddress(key, URI.create(text.substring(at + 1).replaceAll("/+$", "")));
    }

    /** @return the form that {@link #parse} reads */
    @Override
    public String toString() {
        return key + "@" + prefix;
    }
}
