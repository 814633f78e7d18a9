package io.millrace.infra.config;

import java.net.URI;
import java.util.Optional;

/**
 * What others get to see of a node.
 *
 * @param collector where to send spans, those that workers report and this node's own, if anywhere
 * @param begunTraces how many calls of a million that start work and belong to no trace begin one
 * @param queueFigures queues that have figures of their own, at the most; 0: none
 * @param kindFigures kinds of work that have figures of their own, at the most; 0: none
 */
public record TelemetrySettings(Optional<URI> collector, int begunTraces, int queueFigures, int kindFigures) {}
