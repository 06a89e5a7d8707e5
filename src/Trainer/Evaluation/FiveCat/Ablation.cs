using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>Changed contexts, each a choice of five slots of the original one.</summary>
internal enum Ablation
{
    /// <summary>As it is.</summary>
    Intact,

    /// <summary>In the order of Python's shuffle.</summary>
    Shuffled,

    /// <summary>Newest first.</summary>
    Reverse,

    /// <summary>Slot 0 dropped, ctx[4] appended.</summary>
    WithoutSlot0,

    /// <summary>Slot 1 dropped, ctx[4] appended.</summary>
    WithoutSlot1,

    /// <summary>Slot 2 dropped, ctx[4] appended.</summary>
    WithoutSlot2,

    /// <summary>Slot 3 dropped, ctx[4] appended; without slot 4 the context would be the intact one.</summary>
    WithoutSlot3,

    /// <summary>ctx[4] five times.</summary>
    RepeatLast,

    /// <summary>ctx[0] in the place of ctx[4].</summary>
    FirstForLast,
}

/// <summary>The slots that a changed context takes.</summary>
internal sealed class Ablations
{
    /// <summary>Number of ablations, the intact context included.</summary>
    public const int Count = (int)Ablation.FirstForLast + 1;

    private const int Slots = SequenceSet.ContextLength;
    private const uint ShuffleSeed = 17;

    private readonly int[] _permutations;

    /// <summary>Draws the permutations of the samples 0 .. <paramref name="samples"/> − 1, in this order, from one generator, as the original does.</summary>
    public Ablations(int samples)
    {
        var random = new PythonRandom(ShuffleSeed);
        _permutations = new int[samples * Slots];
        for (int sample = 0; sample < samples; sample++)
        {
            Span<int> permutation = _permutations.AsSpan(sample * Slots, Slots);
            for (int slot = 0; slot < Slots; slot++) permutation[slot] = slot;
            random.Shuffle(permutation);
        }
    }

    /// <summary>Writes which slot of the intact context stands in each place.</summary>
    public void Fill(Ablation ablation, int sample, Span<int> slots)
    {
        for (int place = 0; place < Slots; place++)
        {
            slots[place] = ablation switch
            {
                Ablation.Shuffled => _permutations[sample * Slots + place],
                Ablation.Reverse => Slots - 1 - place,
                Ablation.RepeatLast => Slots - 1,
                Ablation.FirstForLast => place == Slots - 1 ? 0 : place,
                Ablation.WithoutSlot0 or Ablation.WithoutSlot1 or Ablation.WithoutSlot2 or Ablation.WithoutSlot3 =>
                    Math.Min(place < ablation - Ablation.WithoutSlot0 ? place : place + 1, Slots - 1),
                _ => place,
            };
        }
    }
}
