/**
 * Benchmarks: loads, clients, and reports of what was measured. People run them by hand; no server contains them. What
 * they measure runs as it does in production.
 */
@NullMarked
package io.millrace.infra.bench;

import org.jspecify.annotations.NullMarked;
