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

export const IdParams = Type.Object({
  id: Type.String({ description: 'As given in `id` or `connection` of a flow.' }),
});
