package io.millrace.ingest.auth;

import io.millrace.ingest.config.KeyDigest;
import io.millrace.proto.auth.InForce;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What a caller has shown, as far as it may come to be no longer in force. Equal where the same was shown. Safe from any
 * thread, never waits.
 */
public sealed interface Credential extends InForce {

    /** What is in force as long as the server runs: a key of the access file, or nothing at all. */
    Credential LASTING = new Lasting();

    /** @return why it is in force no more, for its owner: "expected …, but …"; empty: it is */
    Optional<String> over();

    @Override
    default boolean isNow() {
        return over().isEmpty();
    }

    /** It never ends. */
    record Lasting() implements Credential {
        @Override
        public Optional<String> over() {
            return Optional.empty();
        }
    }

    /** A key that was made while nodes ran. */
    record OfKey(KeyDigest digest, IssuedKeys keys) implements Credential {
        @Override
        public Optional<String> over() {
            return Optional.ofNullable(keys.find(digest).refused());
        }
    }

    /**
     * What says itself when it ends: a token or a certificate.
     *
     * @param publicId what the log calls it
     * @param what it is, for people
     * @param untilMs from then on it is in force no more
     * @param clock that says so
     */
    record Until(String publicId, String what, long untilMs, InstantSource clock) implements Credential {
        @Override
        public Optional<String> over() {
            return clock.millis() < untilMs
                    ? Optional.empty()
                    : Optional.of("expected a " + what + " that is in force, but the one given has expired");
        }
    }
}
