using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace P6bNative.KernelCompiler;

/// <summary>Translates statements, indented as C# is.</summary>
internal sealed class StatementWriter
{
    private readonly FunctionContext _function;
    private readonly KernelTranslator _translator;
    private readonly ExpressionWriter _expressions;
    private readonly AssignmentWriter _assignments;
    private readonly LoopWriter _loops;
    private readonly DeclarationWriter _declarations;
    private readonly StringBuilder _text = new();
    private int _depth;

    public StatementWriter(FunctionContext function)
    {
        _function = function;
        _translator = function.Translator;
        _expressions = new ExpressionWriter(function);
        _assignments = new AssignmentWriter(function, _expressions);
        _declarations = new DeclarationWriter(function, _expressions);
        _loops = new LoopWriter(function, _expressions, _assignments, _declarations);
    }

    /// <summary>The body of a function, in braces.</summary>
    public string Body(IOperation body, string firstLines)
    {
        _text.Append("{\n").Append(firstLines);
        _depth = 1;
        foreach (IOperation statement in ((IBlockOperation)body).Operations)
            Statement(statement);
        return _text.Append("}\n").ToString();
    }

    private void Statement(IOperation statement)
    {
        if (statement is IExpressionStatementOperation or IVariableDeclarationGroupOperation or IReturnOperation)
            DeclareOutVariables(statement);
        switch (statement)
        {
            case IBlockOperation block:
                Block(block);
                break;
            case IVariableDeclarationGroupOperation group:
                foreach (string line in _declarations.Lines(group, isTopOfKernel: _function.IsKernel && _depth == 1))
                    Line(line);
                break;
            case IExpressionStatementOperation expression:
                Line(_assignments.Expression(expression.Operation) + ";");
                break;
            case IConditionalOperation conditional:
                Conditional(conditional, "");
                break;
            case IForLoopOperation loop:
                if (_loops.IsUnrolled(loop))
                    Line("#pragma unroll");
                Line(_loops.Head(loop));
                Nested(loop.Body);
                break;
            case IWhileLoopOperation { ConditionIsUntil: false, Condition: { } condition } loop:
                While(loop, condition);
                break;
            case IReturnOperation { Kind: OperationKind.Return } result:
                Return(result);
                break;
            case IBranchOperation { BranchKind: BranchKind.Break }:
                Line("break;");
                break;
            case IBranchOperation { BranchKind: BranchKind.Continue }:
                Line("continue;");
                break;
            case IEmptyOperation:
                Line(";");
                break;
            default:
                Refuse(statement);
                break;
        }
    }

    private void DeclareOutVariables(IOperation statement)
    {
        foreach (IDeclarationExpressionOperation declaration in statement.Descendants().OfType<IDeclarationExpressionOperation>())
        {
            if (declaration.Expression is ILocalReferenceOperation { Local: var local })
                Line($"{_declarations.OutVariable(local)};");
        }
    }

    private void Block(IBlockOperation block)
    {
        Line("{");
        _depth++;
        foreach (IOperation statement in block.Operations)
            Statement(statement);
        _depth--;
        Line("}");
    }

    private void Nested(IOperation? statement)
    {
        if (statement is IBlockOperation block)
        {
            Block(block);
            return;
        }
        _depth++;
        if (statement is not null)
            Statement(statement);
        _depth--;
    }

    private void Conditional(IConditionalOperation conditional, string prefix)
    {
        Line($"{prefix}if ({_expressions.Write(conditional.Condition).Text})");
        Nested(conditional.WhenTrue);
        if (conditional.WhenFalse is IConditionalOperation { WhenTrue.Type: null } chained)
        {
            Conditional(chained, "else ");
        }
        else if (conditional.WhenFalse is { } whenFalse)
        {
            Line("else");
            Nested(whenFalse);
        }
    }

    private void While(IWhileLoopOperation loop, IOperation condition)
    {
        if (loop.ConditionIsTop)
        {
            Line($"while ({_expressions.Write(condition).Text})");
            Nested(loop.Body);
            return;
        }
        Line("do");
        Nested(loop.Body);
        Line($"while ({_expressions.Write(condition).Text});");
    }

    private void Return(IReturnOperation result)
    {
        if (result.ReturnedValue is null)
            Line("return;");
        else if (result.ReturnedValue is IInvocationOperation call)
            Line($"return {_expressions.Call(call).Text};");
        else
            Line($"return {_expressions.Write(result.ReturnedValue).Text};");
    }

    private void Refuse(IOperation statement)
    {
        switch (statement)
        {
            case ILocalFunctionOperation:
                _translator.Refuse(Diagnostics.Delegate, statement);
                break;
            case ITryOperation or IThrowOperation or IUsingOperation or IUsingDeclarationOperation or ILockOperation:
                _translator.Refuse(Diagnostics.Exception, statement, statement.Syntax.GetFirstToken().Text);
                break;
            default:
                _translator.Refuse(Diagnostics.UnsupportedStatement, statement, statement.Syntax.GetFirstToken().Text);
                break;
        }
    }

    private void Line(string text) => _text.Append(' ', 4 * _depth).Append(text).Append('\n');
}
