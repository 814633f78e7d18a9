package io.millrace.ingest.audit.notary;

import java.sql.SQLException;
import java.util.function.Consumer;

/** A file of proofs of one execution that is about to be written. One thread. */
public interface ExecutionProof extends AutoCloseable {

    /**
     * Writes it, once. Blocks.
     *
     * @param lines takes the lines, each without its end, as they are made
     * @throws RuntimeException if it cannot be written to its end: what was taken is of no use then
     */
    void write(Consumer<String> lines) throws SQLException;

    @Override
    void close();
}
