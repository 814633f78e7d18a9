package io.millrace.infra.bench;

/** One benchmark. */
public interface Bench {

    /** @return its name on the command line */
    String name();

    /**
     * Measures.
     *
     * @param target where the server is, and its own figures if it runs in this process
     */
    Report run(BenchOptions options, BenchTarget target) throws Exception;
}
