package io.millrace.infra.cli;

import java.util.concurrent.Callable;

/**
 * A command that another module brings along, with picocli's {@code @Command}; its result is the exit code. Found as a
 * service: so commands for development need not be on the class path of production. Every run of any command makes one
 * of each, so that making one may cost nothing.
 */
public interface FurtherCommand extends Callable<Integer> {}
