/**
 * What a node tells of itself and of workers' spans: figures for Prometheus, spans for OpenTelemetry. The parts count
 * by themselves. The figures tell nothing of single organisations.
 */
@NullMarked
package io.millrace.infra.telemetry;

import org.jspecify.annotations.NullMarked;
