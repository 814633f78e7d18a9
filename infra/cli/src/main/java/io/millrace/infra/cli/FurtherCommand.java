package io.millrace.infra.cli;

import java.util.concurrent.Callable;

/**
 * A command of another module, with picocli's {@code @Command}; its result is the exit code. It is found as a service,
 * so that commands for development need not be on the class path of production. Its constructor must do nothing that
 * takes time: every run of any command makes one object of each.
 */
public interface FurtherCommand extends Callable<Integer> {}
