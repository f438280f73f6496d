/** Statuses and events as Kubernetes 1.26 with containerd gives them. */
import { expect, test } from 'vitest';
import type { ContainerStatus, EventObject, PodObject } from './objects.ts';
import { troubleOfPod, troubleOfWorkload } from './trouble.ts';

const NOT_READY = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' } as const;

function pod(container: Partial<ContainerStatus>, phase = 'Running'): PodObject {
  return {
    metadata: { name: 'remora-hub-1', namespace: 'remora', uid: 'u1' },
    status: {
      phase,
      conditions: [{ type: 'PodScheduled', status: 'True' }, NOT_READY],
      containerStatuses: [
        { name: 'hub', ready: false, restartCount: 0, image: 'registry/hub:1', ...container },
      ],
    },
  };
}

function event(reason: string, message: string, more: Partial<EventObject> = {}): EventObject {
  return {
    metadata: { name: `e-${reason}` },
    type: 'Warning',
    reason,
    message,
    involvedObject: { kind: 'Pod', name: 'remora-hub-1', uid: 'u1' },
    lastTimestamp: '2026-11-21T09:05:40Z',
    ...more,
  };
}

const waiting = (reason: string, message = '') => ({ state: { waiting: { reason, message } } });

test('a pod that is on its way has no trouble', () => {
  expect(troubleOfPod(pod(waiting('ContainerCreating')), [])).toBeUndefined();
  expect(troubleOfPod(pod({ state: { running: {} } }), [])).toBeUndefined();
  expect(troubleOfPod({ metadata: { name: 'x' } }, [])).toBeUndefined();
});

test('an image that cannot be pulled: what the registry said, and not only that there is a back-off', () => {
  const pulled = event(
    'Failed',
    'Failed to pull image "registry/hub:1": rpc error: code = Unknown desc = failed to pull and unpack image "registry/hub:1": failed to resolve reference "registry/hub:1": unexpected status code 401 Unauthorized',
  );
  const trouble = troubleOfPod(
    pod(waiting('ImagePullBackOff', 'Back-off pulling image "registry/hub:1"'), 'Pending'),
    [event('Failed', 'Error: ImagePullBackOff'), pulled],
  );
  expect(trouble).toMatchObject({ code: 'IMAGE_PULL', of: 'remora-hub-1' });
  expect(trouble?.text).toMatch(
    /^ImagePullBackOff: cannot pull image "registry\/hub:1": .*401 Unauthorized$/,
  );
  expect(trouble?.remedy).toContain('--image-pull-secret');
});

test.each([
  ['InvalidImageName', 'IMAGE_NAME'],
  ['ErrImageNeverPull', 'IMAGE_NAME'],
  ['ErrImagePull', 'IMAGE_PULL'],
  ['CreateContainerConfigError', 'CONTAINER_CONFIG'],
  ['RunContainerError', 'CONTAINER_START'],
  ['SomethingNew', 'CONTAINER_START'],
])('a container that waits because of %s', (reason, code) => {
  expect(troubleOfPod(pod(waiting(reason, 'configmap "nope" not found')), [])?.code).toBe(code);
});

test('no node takes it: why, without what preemption would not help', () => {
  const unscheduled = pod({}, 'Pending');
  unscheduled.status!.containerStatuses = [];
  unscheduled.status!.conditions = [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message:
        '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod..',
    },
  ];
  expect(troubleOfPod(unscheduled, [])).toMatchObject({
    code: 'SCHEDULING',
    text: 'no node takes it: 0/2 nodes are available: 2 Insufficient cpu.',
  });
});

test('a crash has its status and its count, and names the container whose log tells more', () => {
  const terminated = { exitCode: 3, reason: 'Error' };
  expect(
    troubleOfPod(pod({ ...waiting('CrashLoopBackOff'), lastState: { terminated }, restartCount: 3 }), []),
  ).toMatchObject({
    code: 'CRASH',
    text: 'CrashLoopBackOff: it ended with status 3, 3 times',
    container: 'hub',
  });
  expect(troubleOfPod(pod({ state: { terminated } }), [])).toMatchObject({ code: 'CRASH' });
});

test('too little memory is told as that', () => {
  const lastState = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
  const trouble = troubleOfPod(pod({ ...waiting('CrashLoopBackOff'), lastState, restartCount: 2 }), []);
  expect(trouble).toMatchObject({ code: 'OUT_OF_MEMORY' });
  expect(trouble?.container).toBeUndefined();
});

test('a container that ran once more and is ready is no trouble', () => {
  const lastState = { terminated: { exitCode: 1, reason: 'Error' } };
  const ready = pod({ state: { running: {} }, lastState, restartCount: 1, ready: true });
  ready.status!.conditions = [{ type: 'Ready', status: 'True' }];
  expect(troubleOfPod(ready, [event('Unhealthy', 'Readiness probe failed: refused')])).toBeUndefined();
});

test('volumes and probes speak by events, the newest', () => {
  const creating = pod(waiting('ContainerCreating'), 'Pending');
  const old = event('FailedMount', 'old', { lastTimestamp: '2026-11-21T09:00:00Z' });
  const recent = event('FailedMount', 'MountVolume.SetUp failed for volume "v" : configmap "nope" not found');
  expect(troubleOfPod(creating, [recent, old])).toMatchObject({
    code: 'VOLUME',
    text: expect.stringContaining('nope'),
  });
  const unhealthy = event('Unhealthy', 'Readiness probe failed: connection refused', {
    lastTimestamp: null,
    eventTime: '2026-11-21T09:05:41.5Z',
  });
  expect(troubleOfPod(pod({ state: { running: {} } }), [unhealthy])).toMatchObject({ code: 'NOT_HEALTHY' });
});

test('events of another pod of the same name, and normal ones, do not count', () => {
  const creating = pod(waiting('ContainerCreating'), 'Pending');
  const other = event('FailedMount', 'x', {
    involvedObject: { kind: 'Pod', name: 'remora-hub-1', uid: 'u0' },
  });
  expect(troubleOfPod(creating, [other, event('FailedMount', 'x', { type: 'Normal' })])).toBeUndefined();
});

test('an evicted pod says why', () => {
  const evicted: PodObject = {
    metadata: { name: 'x' },
    status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
  };
  expect(troubleOfPod(evicted, [])).toMatchObject({
    code: 'EVICTED',
    text: expect.stringContaining('low on resource'),
  });
});

test('a namespace whose pod security forbids workers: with the label that would allow them', () => {
  const message =
    'Error creating: pods "remora-worker-bkrj5" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)';
  const involvedObject = { kind: 'DaemonSet', name: 'remora-worker' };
  const trouble = troubleOfWorkload({ kind: 'DaemonSet', name: 'remora-worker' }, [
    event('FailedCreate', `(combined from similar events): ${message}`, { involvedObject }),
  ]);
  expect(trouble).toMatchObject({ code: 'POD_SECURITY', of: 'remora-worker' });
  expect(trouble?.text).toContain('violates PodSecurity "restricted:latest": host namespaces');
  expect(trouble?.remedy).toContain('pod-security.kubernetes.io/enforce=privileged');
});

test('a quota that is used up, told by the ReplicaSet of a Deployment', () => {
  const involvedObject = { kind: 'ReplicaSet', name: 'remora-hub-6d4f' };
  const refused = event('FailedCreate', 'Error creating: pods "x" is forbidden: exceeded quota: q', {
    involvedObject,
  });
  expect(troubleOfWorkload({ kind: 'Deployment', name: 'remora-hub' }, [refused])).toMatchObject({
    code: 'POD_REFUSED',
    text: expect.stringContaining('exceeded quota'),
  });
  expect(troubleOfWorkload({ kind: 'Deployment', name: 'other' }, [refused])).toBeUndefined();
});
