import { SYSTEM_CONFIG_FILE } from '../config/resolve.js';

/** Names the service. */
export const SERVICE = 'alphatensor-edge-agent';
export const UNIT_FILE = `/etc/systemd/system/${SERVICE}.service`;
/** Names the user that the service runs as, and its home, the folder of its state. */
export const SERVICE_USER = 'alphatensor-edge';
export const SERVICE_HOME = '/var/lib/alphatensor-edge';

/** Tells how much longer than the running job may drain systemd waits before it kills, seconds. */
const STOP_MARGIN = 15;

/**
 * Writes the systemd unit (systemd.exec(5)). Its restrictions allow what measuring needs. Compiled programs run from
 * the private folder for temporary files and from the cache, huge pages and pinning are requested, and there is no
 * memory limit, because the trainer chooses the largest problem and the agent bounds each job by the free memory.
 * @param command the programs and arguments that start at-agent, absolute paths without blanks
 * @param drainSeconds the agent's setting `drain`
 */
export function unitText(command: readonly string[], drainSeconds: number): string {
  return `[Unit]
Description=AlphaTensor Edge agent: measures matrix-multiplication algorithms on this device
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${[...command, 'serve'].join(' ')}
Environment=NODE_ENV=production
Environment=ALPHATENSOR_CONFIG=${SYSTEM_CONFIG_FILE}
User=${SERVICE_USER}
StateDirectory=${SERVICE_USER}
StateDirectoryMode=0700
RuntimeDirectory=${SERVICE_USER}
RuntimeDirectoryMode=0700
Restart=on-failure
RestartSec=5
# SIGTERM to the agent alone, which lets the running job end; whatever is left afterwards is killed.
KillMode=mixed
TimeoutStopSec=${drainSeconds + STOP_MARGIN}
TasksMax=4096
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
# A folder of its own, from which compiled programs must be able to run: no noexec here.
PrivateTmp=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Left out: MemoryDenyWriteExecute (Node compiles JavaScript at run time), PrivateDevices (GPUs), PrivateNetwork (trainers).

[Install]
WantedBy=multi-user.target
`;
}
