package io.millrace.proto.directory;

/**
 * What one organisation may have in the directory.
 *
 * @param registrations of workers; those that have been silent for long make room for new ones
 * @param bytes of all of them together, as they stand on Kafka
 */
public record RegistrationLimits(int registrations, long bytes) {

    /** @return what no honest organisation meets */
    public static RegistrationLimits defaults() {
        return new RegistrationLimits(20_000, 128 << 20);
    }
}
