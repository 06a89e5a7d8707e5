namespace P6bNative.Trainer.Loss;

/// <summary>The directional term is left out of a step whose mean pos is below one bound and whose mean neg is below the other.</summary>
/// <param name="PosBelow">Bound on mean pos.</param>
/// <param name="NegBelow">Bound on mean neg; +∞ where the rule does not look at it.</param>
/// <param name="Reason">What the rule means, for the log.</param>
internal readonly record struct SkipRule(double PosBelow, double NegBelow, string Reason)
{
    /// <summary>True where the rule asks for a skip.</summary>
    public bool Matches(double meanPos, double meanNeg) => meanPos < PosBelow && meanNeg < NegBelow;
}
