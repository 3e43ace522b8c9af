/**
 * A real multi-node Swarm on one Linux machine, for tests, benchmarks and developers.
 *
 * <p>Start at {@link dev.skep.testbed.Lab}. A lab takes a number N on the machine ({@code Slots}),
 * and everything it makes carries that number, so that {@code Reaper} can find and remove it from
 * the machine alone, without the memory of the process that made it:
 *
 * <pre>
 * root namespace            bridge sklN, 10.77.N.254: a control plane under test listens here
 *   ├─ namespace sklN-w1    10.77.N.1: the first host, with its engine and whatever a test spawns
 *   ├─ namespace sklN-w2    10.77.N.2: the second, and so on
 *   └─ namespace sklN-reg   10.77.N.200: the registry, port 5000
 * /var/lib/skep-lab/N       owner, logs, and per host the engine's data and socket
 * /sys/fs/cgroup/…/skep-labN-w1    the containers of the first host
 * </pre>
 *
 * <p>A host has its own network, mount, host name and process namespaces. The last one makes
 * removal certain: when a host's first process is killed, the kernel kills all others, containers
 * included, and their mounts go with them. Nothing is ever mounted in the root namespace except the
 * handles that {@code ip netns} keeps under {@code /run/netns}.
 *
 * <p>Packets leave the lab only towards the machine itself: the bridge answers everything else with
 * "unreachable", at once.
 */
@NullMarked
package dev.skep.testbed;

import org.jspecify.annotations.NullMarked;
