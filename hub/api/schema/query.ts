/** Parameters that several routes take. */
import Type from 'typebox';

const TIME_FORMS = 'RFC 3339, back from now (`-15m`, `-1h30m`), `now`, or ms since the epoch.';

export const rangeProperties = {
  from: Type.Optional(Type.String({ maxLength: 64, description: `Start. ${TIME_FORMS}` })),
  to: Type.Optional(Type.String({ maxLength: 64, description: `End, exclusive. ${TIME_FORMS}` })),
};

export const filterProperty = Type.Optional(
  Type.String({
    description:
      'CEL over the fields of /api/v1/fields, e.g. `status_code >= 500 && dst.name == "cart"`. Empty: all.',
  }),
);

const EXPORT_NAME = '^[A-Za-z0-9_-]{8,64}$';

export const exportName = Type.String({
  pattern: EXPORT_NAME,
  description: 'Any name that is not used elsewhere: a random one.',
});

export const progressProperty = Type.Optional(
  Type.String({
    pattern: EXPORT_NAME,
    description: 'A random name: under /api/v1/exports/NAME it is told how far this export is.',
  }),
);

export const IdParams = Type.Object({
  id: Type.String({ description: 'As given in `id` or `connection` of a flow.' }),
});
