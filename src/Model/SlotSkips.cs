using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// One learnable scalar for each context slot, raw += Σᵢ aᵢ·contextᵢ, from 0: the weight of a slot can change in about a hundred steps,
/// which the layers take thousands for. They belong to the raw output, not to an architecture.
/// </summary>
public static class SlotSkips
{
    /// <summary>Name of the parameter [T], always the last of a layout; absent where a model has no skips.</summary>
    public const string ParameterName = "slot_skips";

    /// <summary>Ends the layout of a model.</summary>
    internal static void AddTo(ParameterLayout layout, VectorPredictorConfig config)
    {
        if (config.SlotSkips)
            layout.AddVector(ParameterName, config.ContextLength, StartingValues.Zero);
    }

    /// <summary>raw with the skips added, or raw itself where the model has none.</summary>
    internal static Tensor Record(Tape tape, ParameterSet parameters, Tensor raw, Tensor context) => parameters.Layout.Contains(ParameterName)
        ? tape.SlotSkips(raw, parameters.Record(tape, ParameterName), context, ParameterName)
        : raw;
}
