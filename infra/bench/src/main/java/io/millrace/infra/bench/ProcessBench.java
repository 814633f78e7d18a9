package io.millrace.infra.bench;

import java.nio.file.Path;

/** A benchmark of servers that are processes of their own, because it kills them. */
public interface ProcessBench {

    /**
     * Measures.
     *
     * @param folder an empty one for all that the servers write; the caller deletes it
     */
    Report run(BenchOptions options, Path folder) throws Exception;
}
