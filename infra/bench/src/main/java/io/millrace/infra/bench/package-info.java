/**
 * Benchmarks: loads, clients, and reports of what was measured. Run by hand; nothing here is part of a server. What is
 * measured runs as it does in production.
 */
package io.millrace.infra.bench;
