/** JSON Schema of {@link AgentResponse}, to ask a model for its answer and the values that it took from tools. */
export const claimsJsonSchema = {
  type: "object",
  additionalProperties: false,
  required: ["answer", "claimed_values"],
  properties: {
    answer: { type: "string", description: "The answer for the user." },
    claimed_values: {
      type: "array",
      description: "Each value in the answer that a tool returned.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["path", "value", "ref"],
        properties: {
          path: { type: "string", description: "Where the value stands in the tool's result, as items[0].price." },
          value: { description: "The value as the tool returned it." },
          ref: { type: "string", description: "The tool call's _ref or id, or the tool's name." },
        },
      },
    },
  },
} as const;
