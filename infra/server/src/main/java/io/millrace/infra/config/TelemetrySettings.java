package io.millrace.infra.config;

import java.net.URI;
import java.util.Optional;

/**
 * What others get to see of a node.
 *
 * @param collector where to send the spans that workers report, if anywhere
 * @param queueFigures queues that have figures of their own, at the most; 0: none
 */
public record TelemetrySettings(Optional<URI> collector, int queueFigures) {}
