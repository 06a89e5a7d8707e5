using System.Globalization;

namespace P6bNative.KernelCompiler;

/// <summary>Precedence of C's operators, higher binds tighter.</summary>
internal static class Precedence
{
    public const int Conditional = 30;
    public const int LogicalOr = 35;
    public const int LogicalAnd = 40;
    public const int Or = 45;
    public const int Xor = 50;
    public const int And = 55;
    public const int Equality = 60;
    public const int Relational = 65;
    public const int Shift = 70;
    public const int Additive = 75;
    public const int Multiplicative = 80;
    public const int Unary = 90;
    public const int Postfix = 95;
    public const int Primary = 100;
}

/// <summary>A piece of an expression: its text, and how tightly its outermost operator binds.</summary>
internal readonly record struct Code(string Text, int Binding)
{
    public static Code Primary(string text) => new(text, Precedence.Primary);

    /// <summary>Parenthesised where it does not bind at least so tightly.</summary>
    public string AtLeast(int binding) => Binding >= binding ? Text : $"({Text})";

    /// <summary>Before a question mark; compilers warn where bits are combined there without parentheses.</summary>
    public string Condition() => Binding is Precedence.Or or Precedence.Xor or Precedence.And ? $"({Text})" : AtLeast(Precedence.LogicalOr);

    public Code Cast(string type) => new($"({type}){AtLeast(Precedence.Unary)}", Precedence.Unary);

    /// <summary>As an operand of a binary operator; more parentheses than needed where C compilers warn about their absence.</summary>
    public string Operand(int parent, bool isRight)
    {
        bool isNeeded = Binding < parent || (Binding == parent && isRight);
        bool isBitwise = parent is Precedence.Shift or Precedence.And or Precedence.Xor or Precedence.Or;
        bool isMixed = Binding < Precedence.Unary && Binding != parent
            && (isBitwise || (parent, Binding) is (Precedence.LogicalOr, Precedence.LogicalAnd) or (Precedence.Equality, Precedence.Relational));
        return isNeeded || isMixed ? $"({Text})" : Text;
    }

    public static Code Binary(Code left, string sign, int binding, Code right) =>
        new($"{left.Operand(binding, isRight: false)} {sign} {right.Operand(binding, isRight: true)}", binding);

    public static Code Literal(object? value) => value switch
    {
        bool flag => Primary(flag ? "true" : "false"),
        int.MinValue => Primary("(-2147483647 - 1)"),
        int number => Signed(number.ToString(CultureInfo.InvariantCulture), number < 0),
        uint number => Primary(Unsigned(number) + "u"),
        long.MinValue => Primary("(-(int64)9223372036854775807L - 1)"),
        long number and (> int.MaxValue or < int.MinValue) => Signed(number.ToString(CultureInfo.InvariantCulture) + "L", number < 0),
        long number => Signed(number.ToString(CultureInfo.InvariantCulture), number < 0).Cast("int64"),
        ulong number and > uint.MaxValue => Primary(Unsigned(number) + "UL"),
        ulong number => Primary(Unsigned(number)).Cast("uint64"),
        float number => Float(number),
        _ => Primary("0"),
    };

    private static Code Signed(string text, bool isNegative) => new(text, isNegative ? Precedence.Unary : Precedence.Primary);

    // Large words are hash constants, masks or bit patterns: they read better as hexadecimal.
    private static string Unsigned(ulong value) =>
        value > 0xFFFF ? "0x" + value.ToString("X", CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);

    private static Code Float(float value)
    {
        if (float.IsNaN(value) || float.IsInfinity(value))
            return Primary($"INT_AS_FLOAT(0x{BitConverter.ToUInt32(BitConverter.GetBytes(value), 0):X8}u)");
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        if (float.Parse(text, CultureInfo.InvariantCulture) != value)
            text = value.ToString("G9", CultureInfo.InvariantCulture);
        bool isNegative = value < 0 || (value == 0 && float.IsNegativeInfinity(1 / value));
        if (isNegative && text[0] != '-')
            text = "-" + text;
        if (text.IndexOfAny(['.', 'E']) < 0)
            text += ".0";
        return Signed(text + "f", isNegative);
    }
}
