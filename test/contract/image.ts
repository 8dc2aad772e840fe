import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { LONG, type Stage } from './stage.js';
import { type ImageDescription, Subject } from './subject.js';

/**
 * What every driver of kind `image` must do: its references resolve to layers that stay as they are. To be called in
 * a vitest file. Needs root and busybox-static.
 */
export function describeImageDriver(plugin: PluginDefinition, description: ImageDescription): void {
  describeSubject(new Subject(plugin, description, 'image'), [], describeImageBehaviour);
}

function describeImageBehaviour(stage: Stage): void {
  it('gives containers the files of its image, and keeps theirs out of it', LONG, async () => {
    const script = 'ls /bin/busybox && ls /written; echo mine > /written';
    const ends = [await stage.run(script), await stage.run(script)];
    expect(ends.map(({ stdout }) => stdout)).toEqual(['/bin/busybox\n', '/bin/busybox\n']);
    expect(statSync(`${stage.imageDirectory}/written`, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('says that there is no image where there is none', LONG, async () => {
    const image = `${stage.subject.driver}:no-such-image-at-all`;
    await using engine = stage.engine();
    await expect(engine.run({ image, command: ['true'] })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_TSBOX_(IMAGE_|INVALID_)/),
    });
  });
}
