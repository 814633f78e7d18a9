/**
 * Who the workers are, and whether they are still there: registrations, connections, departures, returns, and leases that are
 * renewed for them. What they wait for is in {@code queue}.
 */
@NullMarked
package io.millrace.notifier.connection;

import org.jspecify.annotations.NullMarked;
