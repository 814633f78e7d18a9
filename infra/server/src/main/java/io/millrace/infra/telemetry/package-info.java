/**
 * What a node tells of itself and of workers' spans: figures for Prometheus, spans for OpenTelemetry. The parts count by
 * themselves; nothing of single organisations stands in the figures.
 */
package io.millrace.infra.telemetry;
