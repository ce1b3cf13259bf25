/** Drawn pictures: nobody's face, and what a camera would see. */

const PNG = "data:image/png;base64,";

/** A drawn portrait, 72 by 90 pixels. */
export const PORTRAIT =
  PNG +
  "iVBORw0KGgoAAAANSUhEUgAAAEgAAABaCAMAAAAsLeDlAAAAElBMVEXf5+U6VFzsxKRKNCj38+uyeGD89lkoAAAA6ElEQVR42u3X" +
  "2w6DIBAEUGDq//9ym9oLILfBicFk55GNR9iQuDpnsVgs9wj+ETFnKByjcqYkQCMBGgnQSIBGAkSSCgJEkgoCRNJyUPxAiMNKBeLI" +
  "DUMhtKXLoRA6kkHrQjGZrN4fWqTZLoe2bcshd1PIdXtEfI7avSa+kJINtbfEThFRp/fMbCg9XMIEftKqnYyf/UROWZqcj0XOK5lz" +
  "4h9C5SSSM2h1yL+T3aN9kWcqEEH5DuRJpg4NUX4I8gyTS1mNYBKqUGOcn1SsEcyHqtYYp51h5vHNENV4Yx+KKYPWgLi7ZNAl0BNs" +
  "9xPQqH7yBwAAAABJRU5ErkJggg==";

/** A sheet with the pattern of a code on a desk, 160 by 120 pixels. */
export const CAMERA_FRAME =
  PNG +
  "iVBORw0KGgoAAAANSUhEUgAAAKAAAAB4CAMAAABCfAldAAAAD1BMVEVGTlB4aFTu7OQYHB5oXExYnsy2AAACtUlEQVR42u3a227D" +
  "IAwA0MXk/79506auAXwL8W0TftqqSj0i2IDJx8eOHa+A7ygPfEV1X0EncFEeWMEJ+igPzHHCapQHRjnBJqr7/KDgE+WBdswN3MA9" +
  "gBsYCmxfURnYLlEeaOB0Ac7KYlNwHs3rv5WAwycdthbwRzaPpjiebsDrj6MzUTlLfZJ4QM2IRkZQEvem119o8gjCCCDyw8yYRk5B" +
  "HMiNVxpQuxTmA9/FZsggokKlAPuazYx1xhzMB3a/MQDnVMkGzpRrVVQAnbbTU9bOIwbJwDk1h5WZXHJigez0ykti5T4gFUhh6XQK" +
  "TOKx0MzA392ruNV1B6ILGujG1H8KzjV6mHZ4vpcAktkUuhKj3vE7wdtpYe+HAPuDfuaZs817mfnD8CqDzj7+wzjgdXlFjkg9zQ3I" +
  "ryPcHod64u7NVXLzjKdPCpDpaVHtkKgkVgDJdkhg/xwFNgwIKcA3BvM26ggQD5xWM/6M4gKkVmKm6PT1kAO6H9pB3APy7cvYtofY" +
  "ZQ27Y6IOc+WBxJk+FChskpnnHtr9xXuorRJQ2NoAWhLjDiTozSzZxMzon0tZQB2s8pqr8qEpEwgYsBFH5pAcIcogfmRPAI5PmPkG" +
  "mjmZwMYsfFUuwcb8LgRkqvj6Ez74WL7C0by+cChiCXh9enwLJhqIX15qgC0LyKwi5MsgvkDmFp3stBLAQwU82RBuSAhyt+QMl0+X" +
  "ODVxD6h5lYO/tvEGKl4u07/O5QhEMFJnaRl4qwwyTrRUsr1LZZJYAG/02AsAgb3rvusTgAavf9LpXAZIvZNbBAjkWlwLCP8X+KRO" +
  "P4vTYCXJ9/FA2MCHa3GBHDn+NtCVaQd0cpoDjaGHG9DI6Q586owCLjvVwNMy7Ov0aQu84UwFapwVgKzztFiLTWMtR444YA8tDLwZ" +
  "G7iBGyjEJ7MKa89gbsFZAAAAAElFTkSuQmCC";

/** A template that a card type carries along, filled in as the wallet does it. */
export function drawingOf(template: string, valueOf: (name: string) => string): string {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const svg = atob(template.slice(template.indexOf(",") + 1));
  const filled = svg.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => escaped(valueOf(name)));
  return `data:image/svg+xml,${encodeURIComponent(filled)}`;
}
