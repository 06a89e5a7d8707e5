using System.Globalization;
using System.Text;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>
/// Writes random kernels as C#: locals of every scalar type, arithmetic, casts, shifts, short circuits, branches, loops, helpers, local
/// arrays. Only what the language defines: divisors are not 0 (nor -1 where they are signed), indices inside, loops end.
/// </summary>
internal sealed class RandomKernel(int seed)
{
    /// <summary>Words a work item reads.</summary>
    public const int Inputs = 16;

    /// <summary>Words a work item writes.</summary>
    public const int Outputs = 22;

    private static readonly string[] _types = ["int", "uint", "long", "ulong", "float", "bool"];
    private static readonly string[] _integers = ["int", "uint", "long", "ulong"];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();
    private readonly List<string> _counters = [];
    private int _depth, _loops, _names;
    private bool _isHelper, _hasArray;

    /// <summary>Members of a kernel class: a kernel Random0 and its helpers.</summary>
    public string Source()
    {
        foreach (string type in _types)
            Helper(type);
        Line(
            $$"""
            private static void Step(ref int i0, ref float f0, out uint u0)
            {
                u0 = (uint)i0 ^ Interop.FloatAsInt(f0 == f0 ? f0 : 0f);
                i0 = i0 * 31 + (int)u0;
                f0 = f0 * 0.5f + 1f;
            }

            // Which NaN a calculation gives is not promised.
            private static uint Bits(float value) => float.IsNaN(value) ? 0x7FC00000u : Interop.FloatAsInt(value);

            [Kernel(16)]
            public static void Random0(ArrayView<uint> input, ArrayView<uint> output)
            {
                unchecked
                {
                int item = Grid.IdxX * 16 + Group.IdxX;
                var words = input.SubView(item * {{Inputs}}, {{Inputs}});
                int i0 = (int)words[0], i1 = (int)words[1], i2 = item;
                uint u0 = words[2], u1 = words[3], u2 = (uint)item * 0x9E3779B9u;
                long l0 = (long)(((ulong)words[4] << 32) | words[5]), l1 = (long)i0, l2 = -1L;
                ulong w0 = ((ulong)words[6] << 32) | words[7], w1 = (ulong)l0, w2 = 1UL;
                float f0 = Interop.IntAsFloat(words[8]), f1 = Interop.IntAsFloat(words[9]), f2 = (float)i1;
                bool b0 = i0 < i1, b1 = f0 < f1, b2 = false;
                var array = LocalMemory.Allocate<int>(8);
                var floats = LocalMemory.Allocate<float>(4);
            """);
        (_isHelper, _hasArray, _depth) = (false, true, 1);
        Statements(6 + _random.Next(6));
        Line($"var result = output.SubView(item * {Outputs}, {Outputs});");
        string[] results =
        [
            "(uint)i0", "(uint)i1", "(uint)i2", "u0", "u1", "u2", "(uint)l0", "(uint)(l0 >> 32)", "(uint)l1", "(uint)(l1 >> 32)", "(uint)w0",
            "(uint)(w0 >> 32)",
            "(uint)w1", "(uint)(w1 >> 32)", "Bits(f0)", "Bits(f1)", "Bits(f2)", "b0 ? 1u : 0u", "(b1 ? 2u : 0u) + (b2 ? 1u : 0u)",
            "(uint)(array[0] ^ array[3] ^ array[7])",
            "Bits(floats[1])", "(uint)l2 ^ (uint)w2",
        ];
        for (int i = 0; i < Outputs; i++)
            Line($"result[{i}] = {results[i]};");
        _depth = 0;
        Line("}");
        Line("}");
        return _text.ToString();
    }

    private void Helper(string type)
    {
        (_isHelper, _hasArray) = (true, false);
        Line($"private static {type} Helper{type}(int i0, uint u0, long l0, ulong w0, float f0, bool b0)");
        Line("{");
        Line("unchecked {");
        _depth = 1;
        Statements(2);
        Line($"return {Expression(type, 2)};");
        _depth = 0;
        Line("}");
        Line("}\n");
    }

    private void Statements(int count)
    {
        for (int i = 0; i < count; i++)
            Statement();
    }

    private void Statement()
    {
        switch (_random.Next(_depth > 3 ? 6 : 12))
        {
            case 0 or 1 or 2:
                string type = Pick(_types);
                Line($"{Local(type)} = {Expression(type, 3)};");
                break;
            case 3:
                Compound();
                break;
            case 4:
                Line($"{Local(Pick("int", "uint", "long", "ulong", "float"))}{Pick("++", "--")};");
                break;
            case 5:
                Store();
                break;
            case 6 or 7:
                Line($"if ({Expression("bool", 2)})");
                Block(() => Statements(1 + _random.Next(3)));
                if (_random.Next(2) == 0)
                {
                    Line("else");
                    Block(() => Statements(1 + _random.Next(2)));
                }
                break;
            case 8:
                For();
                break;
            case 9:
                While();
                break;
            case 10:
                string local = $"t{_names++}", localType = Pick(_types);
                Line($"{localType} {local} = {Expression(localType, 3)};");
                Line($"{Local(localType)} = {local};");
                break;
            default:
                Line(_isHelper ? $"f0 = {Expression("float", 3)};" : $"Step(ref {Local("int")}, ref {Local("float")}, out {Local("uint")});");
                break;
        }
    }

    private void Compound()
    {
        string type = Pick("int", "uint", "long", "ulong", "float", "bool");
        string target = Local(type);
        if (type == "bool")
            Line($"{target} {Pick("&=", "|=", "^=")} {Expression("bool", 2)};");
        else if (type == "float")
            Line($"{target} {Pick("+=", "-=", "*=", "/=")} {Expression("float", 2)};");
        else if (_random.Next(3) == 0)
            Line($"{target} {Pick("<<=", ">>=", ">>>=")} {Expression("int", 1)};");
        else if (_random.Next(4) == 0)
            Line($"{target} {Pick("/=", "%=")} {Divisor(type)};");
        else
            Line($"{target} {Pick("+=", "-=", "*=", "&=", "|=", "^=")} {Expression(type, 2)};");
    }

    private void Store()
    {
        if (!_hasArray)
            Line($"{Local("int")} = {Expression("int", 3)};");
        else if (_random.Next(2) == 0)
            Line($"array[{Expression("int", 1)} & 7] {Pick("=", "+=", "^=")} {Expression("int", 2)};");
        else
            Line($"floats[{Expression("int", 1)} & 3] {Pick("=", "*=")} {Expression("float", 2)};");
    }

    private void For()
    {
        string counter = $"n{_names++}";
        string head = Pick(
            $"int {counter} = 0; {counter} < {_random.Next(1, 8)}; {counter}++", $"int {counter} = {_random.Next(8)}; {counter} >= 0; {counter}--",
            $"int {counter} = {Expression("int", 1)} & 3; {counter} < 9; {counter} += {_random.Next(1, 4)}",
            $"int {counter} = 12; {counter} > {Expression("int", 1)} % 7; {counter} -= 5");
        Line($"for ({head})");
        _counters.Add(counter);
        Block(() => LoopBody(counter));
        _counters.Remove(counter);
    }

    private void While()
    {
        string counter = $"n{_names++}";
        bool isDo = _random.Next(2) == 0;
        Line($"int {counter} = 0;");
        Line(isDo ? "do" : $"while ({counter} < {_random.Next(1, 6)} && {Expression("bool", 1)})");
        _counters.Add(counter);
        Block(() =>
        {
            Line($"{counter}++;");
            LoopBody(counter);
        });
        _counters.Remove(counter);
        if (isDo)
            Line($"while ({counter} < {_random.Next(1, 5)});");
    }

    private void LoopBody(string counter)
    {
        _loops++;
        if (_hasArray && _random.Next(2) == 0)
            Line($"array[{counter} & 7] += {Expression("int", 2)};");
        Statements(1 + _random.Next(2));
        if (_random.Next(3) == 0)
        {
            Line($"if ({Expression("bool", 1)})");
            _depth++;
            Line(Pick("break;", "continue;"));
            _depth--;
        }
        Statements(_random.Next(2));
        _loops--;
    }

    private void Block(Action body)
    {
        Line("{");
        _depth++;
        body();
        _depth--;
        Line("}");
    }

    private string Expression(string type, int depth)
    {
        if (depth == 0)
            return _random.Next(4) == 0 ? Literal(type) : Value(type);
        string Inner(string inner) => Expression(inner, depth - 1);
        switch (_random.Next(8))
        {
            case 0:
                return Value(type);
            case 1:
                return $"({Inner("bool")} ? {Inner(type)} : {Inner(type)})";
            case 2 when !_isHelper && _loops < 2:
                return $"Helper{type}({Inner("int")}, {Value("uint")}, {Inner("long")}, {Value("ulong")}, {Inner("float")}, {Value("bool")})";
            case 3 when type != "bool":
                return Cast(type, depth);
            default:
                return type switch
                {
                    "bool" => Condition(depth),
                    "float" => Float(depth),
                    _ => Integer(type, depth),
                };
        }
    }

    private string Cast(string type, int depth)
    {
        string from = type == "float" ? Pick(_integers) : Pick("int", "uint", "long", "ulong", "float");
        return $"({type})({Expression(from, depth - 1)})";
    }

    private string Condition(int depth)
    {
        string type = Pick("int", "uint", "long", "ulong", "float");
        string Inner(string inner) => Expression(inner, depth - 1);
        return _random.Next(6) switch
        {
            0 => $"({Inner("bool")} && {Inner("bool")})",
            1 => $"({Inner("bool")} || {Inner("bool")})",
            2 => $"!{Inner("bool")}",
            3 => $"({Inner("bool")} {Pick("&", "|", "^", "==", "!=")} {Inner("bool")})",
            _ => $"({Inner(type)} {Pick("<", "<=", ">", ">=", "==", "!=")} {Inner(type)})",
        };
    }

    private string Float(int depth)
    {
        string Inner() => Expression("float", depth - 1);
        return _random.Next(10) switch
        {
            0 => $"XMath.Fma({Inner()}, {Inner()}, {Inner()})",
            1 => $"XMath.Sqrt(XMath.Abs({Inner()}))",
            2 => $"XMath.{Pick("Max", "Min")}({Inner()}, {Inner()})",
            3 => $"(-({Inner()}))",
            4 => $"({Inner()} / {Inner()})",
            _ => $"({Inner()} {Pick("+", "-", "*")} {Inner()})",
        };
    }

    private string Integer(string type, int depth)
    {
        string Inner() => Expression(type, depth - 1);
        return _random.Next(9) switch
        {
            0 => $"({Inner()} {Pick("<<", ">>", ">>>")} {Expression("int", depth - 1)})",
            1 => $"({Inner()} {Pick("/", "%")} {Divisor(type)})",
            2 => $"~{Inner()}",
            3 when type is "int" or "long" => $"(-({Inner()}))",
            4 when type is "int" => $"XMath.{Pick("Max", "Min")}({Inner()}, {Inner()})",
            5 when type is "long" => $"({Expression("int", depth - 1)} {Pick("+", "-", "*")} {Expression("uint", depth - 1)})",
            _ => $"({Inner()} {Pick("+", "-", "*", "&", "|", "^")} {Inner()})",
        };
    }

    private string Divisor(string type) => type switch
    {
        "int" or "long" => Pick($"(({Value(type)} & 15) + 1)", $"(-2 - ({Value(type)} & 7))", $"{_random.Next(2, 100)}"),
        _ => Pick($"({Value(type)} | 1u)", $"{_random.Next(1, 100)}u"),
    };

    private string Value(string type)
    {
        if (type == "int" && _counters.Count > 0 && _random.Next(3) == 0)
            return Pick([.. _counters]);
        if (type == "int" && _hasArray && _random.Next(6) == 0)
            return $"array[{Local("int")} & 7]";
        if (type == "float" && _hasArray && _random.Next(8) == 0)
            return $"floats[{Local("int")} & 3]";
        return Local(type);
    }

    private string Local(string type)
    {
        string letter = type switch { "int" => "i", "uint" => "u", "long" => "l", "ulong" => "w", "float" => "f", _ => "b" };
        return letter + (_isHelper ? 0 : _random.Next(3));
    }

    private string Literal(string type) => type switch
    {
        "int" => Pick("0", "1", "-1", "7", "1000003", "int.MaxValue", "int.MinValue", "-123456789"),
        "uint" => Pick("0u", "1u", "0xFFFFFFFFu", "0x80000000u", "2654435769u", "77u"),
        "long" => Pick("0L", "-1L", "long.MaxValue", "long.MinValue", "6364136223846793005L", "-42L"),
        "ulong" => Pick("0UL", "1UL", "ulong.MaxValue", "0x9E3779B97F4A7C15UL", "255UL"),
        "float" => Pick("0f", "-0f", "1f", "-1.5f", "0.1f", "1e-30f", "3e38f", "16777216f"),
        _ => Pick("true", "false"),
    };

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private void Line(string text)
    {
        foreach (string line in text.Split('\n'))
            _text.Append(CultureInfo.InvariantCulture, $"{new string(' ', 4 * _depth)}{line}\n");
    }
}
