package io.millrace.infra.bench;

import java.nio.file.Path;

/** A benchmark that starts its servers itself, because it kills them or needs several. */
public interface ProcessBench {

    /**
     * Measures.
     *
     * @param folder an empty folder for everything that the servers write; the caller deletes it
     */
    Report run(BenchOptions options, Path folder) throws Exception;
}
